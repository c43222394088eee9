"use strict";
// The list of contents is open if there is room next to the text.
const contents = document.querySelector("nav details");
const wide = matchMedia("(min-width: 68rem)");
const unfold = () => { if (contents) contents.open = wide.matches; };
wide.addEventListener("change", unfold);
unfold();
contents?.addEventListener("click", event => {
  if (event.target.closest("a") && !wide.matches) contents.open = false;
});

// Mark the section that is being read: the last whose heading has reached the upper part.
const links = [...document.querySelectorAll("nav a")];
const heads = links.map(a => document.getElementById(decodeURIComponent(a.hash.slice(1))));
let current = null;
function locate() {
  const place = heads.findLastIndex(head => head.getBoundingClientRect().top < innerHeight / 4);
  if (links[place] === current) return;
  current?.removeAttribute("aria-current");
  current = links[place];
  current?.setAttribute("aria-current", "true");
  if (wide.matches) current?.scrollIntoView({block: "nearest"});
}
addEventListener("scroll", locate, {passive: true});
locate();


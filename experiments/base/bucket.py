"""A cache in a bucket of S3, at Amazon or at any server that speaks its language.

It uses obstore, one package of 16 MB that needs no other; s3fs needs twelve, with botocore, which
wants an old python-dateutil. Endpoint and credentials are those of the usual AWS_*
variables. Folders stay with :class:`~experiments.base.cache.FolderCache`: obstore knows nothing of
a group's permissions.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from experiments.base.cache import RUN, Cache, Item, Made
from experiments.base.errors import NotWritableError, UserError

AT_ONCE = 32
"""Files that are on their way at once: each takes a moment, most of which is waiting."""
RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
TIMES: Any = {"timeout": "10s", "connect_timeout": "5s"}
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT")
"""The variables that may name the server; one is enough."""
NAME = re.compile(rf"[0-9a-f]{{2}}/[^/]+{re.escape(RUN)}")


class BucketCache(Cache):
    """A cache at an address s3://BUCKET/PREFIX.

    Raises UserError for another form of address or endpoint, or if the library is not installed.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        try:
            import obstore
        except ModuleNotFoundError:
            raise UserError(f"the cache {address} needs obstore: pip install obstore") from None
        _check_address(self.address)
        self._variable, self._server = _endpoint(self.address)
        self._silent: UserError | None = None
        self._do = obstore
        self._errors = (obstore.exceptions.BaseError, OSError, ValueError)
        plain = self._server.startswith("http://")
        try:
            self._store = obstore.store.S3Store.from_url(
                self.address, client_options=TIMES | {"allow_http": plain}, retry_config=RETRIES
            )
        except self._errors as error:
            raise self._refused(error) from None

    def place(self, name: str) -> str:
        return f"{self.address}/{name}"

    def get(self, name: str) -> bytes:
        try:
            return bytes(self._do.get(self._store, name).bytes())
        except FileNotFoundError:
            raise
        except self._errors as error:
            raise self._refused(error) from None

    def put(self, name: str, content: Iterable[bytes]) -> None:
        if self._silent:  # no thousand files that wait for it in turn
            raise NotWritableError(f"{self._silent}.")
        try:
            self._do.put(self._store, name, b"".join(content))
        except self._errors as error:
            refused = self._refused(error)
            if SILENT in str(error):
                self._silent = refused
            raise NotWritableError(f"{refused}.") from None

    def runs(self) -> list[str]:
        found = [each for page in self._pages() for each in page if NAME.fullmatch(each["path"])]
        found.sort(key=lambda each: (each["last_modified"], each["path"]))
        return [each["path"] for each in found]

    def each(self, work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
        with ThreadPoolExecutor(AT_ONCE) as threads:  # takes the items as they come
            return list(threads.map(work, items))

    def check(self) -> None:
        next(self._pages(), None)  # needs all that can be wrong: server, credentials, bucket
        with suppress(FileNotFoundError):
            self.get("no such file")  # a server of pages has one for any address
            raise UserError(f"the cache {self.address}: {self._asked} {NO_S3}")

    def _pages(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the pages of the list of all objects, each with its path and time."""
        try:
            yield from self._do.list(self._store)
        except self._errors as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> UserError:
        """Return in one line why the bucket cannot be used, and what to do."""
        return UserError(f"the cache {self.address}: {self._asked} {_reason(error, self.address)}")

    @property
    def _asked(self) -> str:
        if self._server:
            return f"{self._server} ({self._variable})"
        return f"Amazon, as {self._variable} is not set,"


def _check_address(address: str) -> None:
    """Refuse an address of another form: the library would panic, or leave out a part of it."""
    if not re.fullmatch(r"s3://[\w.-]+(/[^?#]*)?", address):
        raise UserError(
            f"the cache {address} is not of the form s3://BUCKET/PREFIX. A bucket's name has "
            "letters, digits, dots and hyphens; a prefix has no ? and no #"
        )
    if {".", ".."} & {*address.split("/")}:
        raise UserError(f"the cache {address}: a prefix has no part . or ..")


def _endpoint(address: str) -> tuple[str, str]:
    """Return the variable that names the server, and the server; '' for Amazon.

    Raises UserError if two of them differ, or if it is no address: the library would panic.
    """
    given = {name: os.environ[name] for name in ENDPOINTS if name in os.environ}
    if len({*given.values()}) > 1:
        raise UserError(f"the cache {address}: {' and '.join(given)} differ: set one of them")
    for name, server in given.items():
        if not _is_server(server):
            raise UserError(
                f"the cache {address}: {name} is {server!r}: expected an address that begins with "
                "http:// or https://, such as http://localhost:9000, or unset it for Amazon"
            )
    return next(iter(given.items()), (ENDPOINTS[0], ""))


def _is_server(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            text.startswith(("http://", "https://"))
            and bool(re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", parts.netloc.rsplit(":", 1)[0]))
            and parts.port != 0
        )
    except ValueError:  # a port that is no number
        return False


NO_S3 = "does not answer as a server of S3 does. Correct the address of the server"
SILENT = "error sending request"
CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
REASONS = {
    "NoSuchBucket": "has no bucket {bucket}. Make it, or correct the address",
    "S3 error: Missing": f"needs a key and its secret, and one is missing. Set {CREDENTIALS}",
    "latest/api/token": f"needs credentials, and there are none. Set {CREDENTIALS}",
    "InvalidAccessKeyId": f"does not know the key in AWS_ACCESS_KEY_ID. Correct {CREDENTIALS}",
    "SignatureDoesNotMatch": f"does not accept the secret of the key. Correct {CREDENTIALS}",
    "ExpiredToken": "says that the token has expired. Renew AWS_SESSION_TOKEN and its key",
    "PermanentRedirect": "has the bucket in another region. Set AWS_REGION to that one",
    "AuthorizationHeaderMalformed": "has the bucket in another region. Set AWS_REGION to that one",
    "Header missing from response": NO_S3,
    "403": f"does not allow it. Set {CREDENTIALS} of a user who may list, get and put there",
    SILENT: f"does not answer. Check the connection, and set {ENDPOINTS[0]} to the address of the"
    " server, or unset MLP_CACHE to go on without it",
}
"""What a person is told, by a part of the library's message; the first that fits."""


def _reason(error: Exception, address: str) -> str:
    said = str(error)
    for part, reason in REASONS.items():
        if part in said:
            return reason.format(bucket=urlsplit(address).netloc)
    return f"says: {said.splitlines()[0][:200]}"

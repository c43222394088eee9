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
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from experiments.base.cache import RUN, Cache, Item, Made
from experiments.base.errors import NotWritableError, UserError

AT_ONCE = 32
"""Files that are on their way at once: each takes a moment, most of which is waiting."""
RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
TIMES: Any = {"timeout": "30s", "connect_timeout": "5s"}
ENDPOINT = "AWS_ENDPOINT_URL"


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
        _check(self.address)
        self._do = obstore
        self._errors = (obstore.exceptions.BaseError, OSError, ValueError)
        plain = os.environ.get(ENDPOINT, "").startswith("http://")
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
        try:
            self._do.put(self._store, name, b"".join(content))
        except self._errors as error:
            raise NotWritableError(f"{self._refused(error)}.") from None

    def runs(self) -> list[str]:
        found = [each for page in self._pages() for each in page if each["path"].endswith(RUN)]
        found.sort(key=lambda each: (each["last_modified"], each["path"]))
        return [each["path"] for each in found]

    def each(self, work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
        with ThreadPoolExecutor(AT_ONCE) as threads:  # takes the items as they come
            return list(threads.map(work, items))

    def check(self) -> None:
        next(self._pages(), None)  # needs all that can be wrong: server, credentials, bucket

    def _pages(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the pages of the list of all objects, each with its path and time."""
        try:
            yield from self._do.list(self._store)
        except self._errors as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> UserError:
        """Return in one line why the bucket cannot be used, and what to do."""
        server = os.environ.get(ENDPOINT)
        asked = f"{server} ({ENDPOINT})" if server else f"Amazon, as {ENDPOINT} is not set,"
        return UserError(f"the cache {self.address}: {asked} {_reason(error, self.address)}")


def _check(address: str) -> None:
    """Refuse an address or endpoint of another form: the library would panic."""
    if not urlsplit(address).netloc:
        raise UserError(f"the cache {address} names no bucket: expected s3://BUCKET/PREFIX")
    endpoint = os.environ.get(ENDPOINT)
    if endpoint and not re.match(r"https?://[^/]", endpoint):
        raise UserError(
            f"the cache {address}: {ENDPOINT} is {endpoint}: expected an address that begins with "
            "http:// or https://, such as http://localhost:9000"
        )


CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
REASONS = {
    "NoSuchBucket": "has no bucket {bucket}. Make it, or correct the address",
    "S3 error: Missing": f"needs a key and its secret, and one is missing. Set {CREDENTIALS}",
    "latest/api/token": f"needs credentials, and there are none. Set {CREDENTIALS}",
    "InvalidAccessKeyId": f"does not know the key in AWS_ACCESS_KEY_ID. Correct {CREDENTIALS}",
    "SignatureDoesNotMatch": f"does not accept the secret of the key. Correct {CREDENTIALS}",
    "403": f"does not allow it. Set {CREDENTIALS} of a user who may list, get and put there",
    "error sending request": f"does not answer. Check the connection, and set {ENDPOINT} to the"
    " address of the server",
}
"""What a person is told, by a part of the library's message; the first that fits."""


def _reason(error: Exception, address: str) -> str:
    said = str(error)
    for part, reason in REASONS.items():
        if part in said:
            return reason.format(bucket=urlsplit(address).netloc)
    return f"says: {said.splitlines()[0][:200]}"

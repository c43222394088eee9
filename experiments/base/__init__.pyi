from . import closure as closure
from . import files as files
from . import prepared as prepared
from . import receipts as receipts
from . import store as store
from .cache import Cache as Cache
from .cache import FolderCache as FolderCache
from .cache import cache_at as cache_at
from .cache import cache_name as cache_name
from .closure import code as code
from .command_line import CommandLine as CommandLine
from .command_line import option as option
from .english import aligned as aligned
from .english import between as between
from .english import counted as counted
from .english import duration as duration
from .english import listing as listing
from .english import of_all as of_all
from .english import plural as plural
from .english import verb as verb
from .errors import ConfigError as ConfigError
from .errors import DamagedFileError as DamagedFileError
from .errors import Mistakes as Mistakes
from .errors import NotWritableError as NotWritableError
from .errors import UserError as UserError
from .identity import canonical as canonical
from .identity import digest as digest
from .once import write_once as write_once
from .parallel import answering as answering
from .parallel import each as each
from .receipts import Step as Step
from .receipts import damaged as damaged
from .store import atomic as atomic
from .store import checksum as checksum
from .store import write_text as write_text

__all__ = [
    "Cache",
    "CommandLine",
    "ConfigError",
    "DamagedFileError",
    "FolderCache",
    "Mistakes",
    "NotWritableError",
    "Step",
    "UserError",
    "aligned",
    "answering",
    "atomic",
    "cache_at",
    "cache_name",
    "canonical",
    "checksum",
    "closure",
    "code",
    "counted",
    "damaged",
    "digest",
    "duration",
    "each",
    "files",
    "listing",
    "of_all",
    "option",
    "plural",
    "prepared",
    "receipts",
    "store",
    "verb",
    "write_once",
    "write_text",
]

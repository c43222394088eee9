"""The archive of a finished sweep: NAME.zip, a clone with the results in it, and what describes it.

`repository` finds the files of the code, `crate` describes all files as an RO-Crate after the
profile Workflow Run Crate, `writing` packs them. The same files give the same bytes.
"""

from reports.archive.crate import description
from reports.archive.repository import code_digest, code_files
from reports.archive.writing import write_archive

__all__ = ["code_digest", "code_files", "description", "write_archive"]

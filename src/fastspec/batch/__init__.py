"""Many files: `decode_files` and `encode_files` turn inputs into outputs and a record of each, and lose none.

batch = decode_files(["pictures/"], "sound/", jobs=8, resume=True, sr=22050)
for record in batch:
    print(record["type"], record["input"])
print(batch.summary)
"""

from typing import Any

import lazy_loader as _lazy

# Names are imported on first use: one picture needs to know what inputs are, and nothing of ledgers and executors.
_lazy_name, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
_OLD = {"Job": "Item", "plan_jobs": "items_of"}  # names of 0.1


def __getattr__(name: str) -> Any:
    return _lazy_name(_OLD.get(name, name))

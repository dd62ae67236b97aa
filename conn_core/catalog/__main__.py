"""Write the index of the predefined services: ``python -m conn_core.catalog``."""

from ._index import INDEX, build_index

INDEX.write_text(build_index(), encoding="ascii", newline="\n")

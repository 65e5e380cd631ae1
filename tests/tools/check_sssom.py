"""What the `sssom` library says of mapping tables; runs in the environment of the tools.

    python check_sssom.py FILE.sssom.tsv ...

Prints JSON: of each table what its validation finds, and the rows as it reads them.
"""

import json
import logging
import sys

from sssom.parsers import parse_sssom_table
from sssom.validators import validate

logging.disable(logging.CRITICAL)
found = {}
for path in sys.argv[1:]:
    table = parse_sssom_table(path)
    faults = [
        result.message
        for report in validate(table, fail_on_error=False).values()
        for result in report.results
    ]
    rows = table.df[["subject_id", "predicate_id", "object_id"]].values.tolist()
    found[path] = {"faults": faults, "rows": rows}
json.dump(found, sys.stdout)

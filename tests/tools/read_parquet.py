"""What DuckDB reads in a Parquet file; runs in the environment of the tools. Prints rows as JSON.

python read_parquet.py FILE
"""

import json
import sys

import duckdb

rows = duckdb.execute("SELECT * FROM read_parquet(?)", [sys.argv[1]]).fetchall()
sys.stdout.write(json.dumps(rows))

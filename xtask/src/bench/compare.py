"""The same comparison by DuckDB: tables from both files, two anti-joins by serial number, one join that compares subjects."""
import sys

import duckdb

report, inventory = sys.argv[1:]
db = duckdb.connect()
db.execute(
    "CREATE TABLE report AS SELECT replace(serial, ':', '') AS serial, subject FROM read_json(?, format = 'array', "
    "columns = {serial: 'VARCHAR', subject: 'VARCHAR', notAfter: 'VARCHAR', issuedAt: 'VARCHAR', revokedAt: 'VARCHAR'})"
    if report.endswith(".json")
    else "CREATE TABLE report AS SELECT replace(serial, ':', '') AS serial, subject FROM read_csv(?, all_varchar = true)",
    [report],
)
db.execute(
    "CREATE TABLE inventory AS SELECT Item.cert_serial.S AS serial, Item.subject.S AS subject FROM read_json(?, "
    "format = 'newline_delimited', columns = {Item: 'STRUCT(cert_serial STRUCT(S VARCHAR), subject STRUCT(S VARCHAR))'})",
    [inventory],
)
count = lambda query: db.execute(query).fetchone()[0]
missing = count("SELECT count(*) FROM report ANTI JOIN inventory USING (serial)")
unknown = count("SELECT count(*) FROM inventory ANTI JOIN report USING (serial)")
other = count("SELECT count(*) FROM report r JOIN inventory i USING (serial) WHERE r.subject <> i.subject")
print(missing, unknown, other)

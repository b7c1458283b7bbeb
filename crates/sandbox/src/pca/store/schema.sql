-- Times are milliseconds since 1970. Names are those of the AWS API where it has one.

CREATE TABLE IF NOT EXISTS authority (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  usage_mode TEXT NOT NULL,
  key_storage TEXT NOT NULL,
  configuration TEXT NOT NULL,    -- CertificateAuthorityConfiguration, as JSON
  revocation TEXT NOT NULL,       -- RevocationConfiguration, as JSON
  key BLOB NOT NULL,              -- PKCS #8
  csr TEXT NOT NULL,              -- PEM
  created_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,      -- CREATING until then
  changed_at INTEGER NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  certificate BLOB,               -- DER; absent: PENDING_CERTIFICATE
  chain TEXT,                     -- PEM of what is above the certificate
  serial TEXT,                    -- decimal, as DescribeCertificateAuthority shows it
  not_before INTEGER,
  not_after INTEGER,
  crl_wanted_at INTEGER,          -- the first certificate that names the CRL
  crl_seen INTEGER NOT NULL DEFAULT 0, -- the last revocation that the published CRL knows
  crl_number INTEGER NOT NULL DEFAULT 0,
  crl_this_update INTEGER,
  crl_retry_at INTEGER
);

CREATE TABLE IF NOT EXISTS certificate (
  id INTEGER PRIMARY KEY,
  authority INTEGER NOT NULL REFERENCES authority (id),
  serial BLOB NOT NULL,           -- 16 octets
  der BLOB,                       -- absent: made when somebody asks
  dns_name TEXT,                  -- what is to be in one that is still to be made
  subject TEXT NOT NULL,          -- as an audit report writes it
  template TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,      -- in progress until then
  requested_by TEXT NOT NULL,     -- the principal
  request_id TEXT NOT NULL,
  UNIQUE (authority, serial)
);

CREATE TABLE IF NOT EXISTS revocation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate INTEGER NOT NULL UNIQUE REFERENCES certificate (id),
  authority INTEGER NOT NULL REFERENCES authority (id),
  reason TEXT NOT NULL,
  revoked_at INTEGER NOT NULL,
  requested_by TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS revocation_of_authority ON revocation (authority, id);

CREATE TABLE IF NOT EXISTS report (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  authority INTEGER NOT NULL REFERENCES authority (id),
  bucket TEXT NOT NULL,
  format TEXT NOT NULL,           -- JSON, CSV
  status TEXT NOT NULL,           -- CREATING, SUCCESS, FAILED
  created_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,      -- not written before
  requested_by TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS report_of_authority ON report (authority, created_at);
CREATE INDEX IF NOT EXISTS report_unwritten ON report (ready_at) WHERE status = 'CREATING';

-- Who is refused everything: `role/NAME`, `user/NAME` or an access key's id, and by what.
CREATE TABLE IF NOT EXISTS stopped (
  whom TEXT NOT NULL,
  by TEXT NOT NULL,               -- `key`, or `policy` and its name
  PRIMARY KEY (whom, by)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS idempotency (
  scope TEXT NOT NULL,
  token TEXT NOT NULL,
  arn TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (scope, token)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_age ON idempotency (used_at);

-- A signature says under which text it was given, and what its signer typed. Those of before name a version, whose text has not changed since.
ALTER TABLE grant_signature ADD COLUMN text_sha256 text, ADD COLUMN typed_name text;
UPDATE grant_signature SET text_sha256 = (SELECT a.sha256 FROM agreement a WHERE a.version = grant_signature.version);

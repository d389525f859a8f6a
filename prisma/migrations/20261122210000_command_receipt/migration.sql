-- What became of a command that its sender gave an id: written in the command's own transaction, so that a repeat finds either all of it or nothing.
CREATE TABLE command_receipt (
  account_id uuid NOT NULL REFERENCES account (id),
  command_id uuid NOT NULL,
  name text NOT NULL,
  -- Of the input and of the grant that was acted for: the same id with anything else is refused.
  input_sha256 text NOT NULL,
  -- Null only inside the transaction that makes it.
  result jsonb,
  at timestamptz NOT NULL,
  PRIMARY KEY (account_id, command_id)
);

REVOKE ALL ON command_receipt FROM iss_app;
GRANT SELECT, INSERT, UPDATE (result) ON command_receipt TO iss_app;

-- An outcome is written once.
CREATE FUNCTION refuse_second_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.result IS NOT NULL THEN
    RAISE EXCEPTION 'the outcome of a command is not changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER command_receipt_once BEFORE UPDATE ON command_receipt FOR EACH ROW EXECUTE FUNCTION refuse_second_result();
CREATE TRIGGER command_receipt_no_delete BEFORE DELETE ON command_receipt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER command_receipt_no_truncate BEFORE TRUNCATE ON command_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

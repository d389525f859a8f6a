-- What an enrolment file changed of patients who were enrolled before. It goes with the patient's data when these are erased; the log names the fields alone.
CREATE TABLE enrolment_correction (
  drop_id uuid NOT NULL REFERENCES ingest_drop (id),
  patient_id uuid NOT NULL REFERENCES patient (id),
  field text NOT NULL,
  from_value text,
  to_value text,
  PRIMARY KEY (drop_id, patient_id, field)
);
CREATE INDEX enrolment_correction_patient ON enrolment_correction (patient_id);

REVOKE ALL ON enrolment_correction FROM iss_app;
GRANT SELECT, INSERT ON enrolment_correction TO iss_app;
CREATE TRIGGER enrolment_correction_no_update BEFORE UPDATE ON enrolment_correction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER enrolment_correction_no_truncate BEFORE TRUNCATE ON enrolment_correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION forget_corrections() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM enrolment_correction c WHERE c.patient_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER patient_erased_corrections AFTER UPDATE OF erased_at ON patient FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION forget_corrections();

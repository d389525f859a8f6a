-- Which exports held a file (`iss audit trace FILE`): asked by the SHA-256 of somebody's bytes alone.
CREATE INDEX export_file_sha256 ON export_file USING hash (sha256);

-- What an export held, once its files are gone: a file is found in the wrong place after the grant has ended, too. Of somebody who was erased nothing is kept.
CREATE TABLE export_trace (
  export_id uuid NOT NULL REFERENCES data_export (id),
  path text COLLATE "C" NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  submission_id uuid REFERENCES submission (id) ON DELETE CASCADE,
  PRIMARY KEY (export_id, path)
);
CREATE INDEX export_trace_sha256 ON export_trace USING hash (sha256);
CREATE INDEX export_trace_submission ON export_trace (submission_id);

-- Whoever removes the rows of an export that was handed out. The server itself only reads them.
CREATE FUNCTION keep_export_trace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO export_trace (export_id, path, sha256, bytes, submission_id)
    SELECT g.export_id, g.path, g.sha256, g.bytes, g.submission_id FROM gone g JOIN data_export e ON e.id = g.export_id
    WHERE e.ready_at IS NOT NULL AND (g.submission_id IS NULL OR EXISTS (SELECT 1 FROM submission s WHERE s.id = g.submission_id))
    ON CONFLICT (export_id, path) DO NOTHING;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION keep_export_trace() FROM PUBLIC;
CREATE TRIGGER keep_export_trace AFTER DELETE ON export_file REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_export_trace();

GRANT SELECT ON export_trace TO iss_app;

-- Objects that were stored before patients had keys are sealed by a job, which then says where they lie now. Nothing else of an artifact may be changed,
-- and none moved to another patient's place.
CREATE FUNCTION name_sealed_objects(was text[], is_now text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  n bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM unnest(was, is_now) m(was, now)
             WHERE m.was IS NULL OR m.now IS NULL OR NOT ((m.was ^@ 'artifacts/' AND m.now ^@ 'sealed/') OR (m.was ^@ 'exports/' AND m.now ^@ 'sealed/EXPORT/')))
     OR EXISTS (SELECT 1 FROM unnest(was, is_now) m(was, now) JOIN artifact a ON a.object_key = m.was
                JOIN recording r ON r.id = a.recording_id JOIN submission s ON s.id = r.submission_id JOIN patient p ON p.id = s.patient_id JOIN study t ON t.id = p.study_id
                WHERE NOT m.now ^@ ('sealed/' || t.key || '/' || p.code || '/artifacts/')) THEN
    RAISE EXCEPTION 'that is not where these objects belong' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE artifact a SET object_key = m.now FROM unnest(was, is_now) m(was, now) WHERE a.object_key = m.was;
  GET DIAGNOSTICS n = ROW_COUNT;
  UPDATE export_file f SET object_key = m.now FROM unnest(was, is_now) m(was, now) WHERE f.object_key = m.was;
  RETURN n;
END $$;
REVOKE ALL ON FUNCTION name_sealed_objects(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION name_sealed_objects(text[], text[]) TO iss_app;

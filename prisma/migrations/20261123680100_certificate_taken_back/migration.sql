-- A certificate that its owner takes back ends access like a rejected one, so a restore must not bring it back either.
DROP TRIGGER certificate_noted ON certificate;
CREATE TRIGGER certificate_noted AFTER UPDATE OF state, expires_on ON certificate FOR EACH ROW
  WHEN (NEW.state IN ('REJECTED', 'REPLACED', 'WITHDRAWN') OR NEW.expires_on IS DISTINCT FROM OLD.expires_on) EXECUTE FUNCTION note_ending('id', 'state', 'expires_on', 'decided_at');

-- Embeddings are kept by all that their numbers follow from: the stored pictures, which of them, the network's weights and the code. Nothing was ever
-- written to the table in its first form.
DELETE FROM embedding;
ALTER TABLE embedding DROP CONSTRAINT embedding_recording_id_source_backbone_key;
ALTER TABLE embedding ADD COLUMN identity text NOT NULL, ADD COLUMN pictures integer NOT NULL;
CREATE UNIQUE INDEX embedding_recording_identity ON embedding (recording_id, identity);
-- A row is never changed; it goes with its recording.
REVOKE DELETE ON embedding FROM iss_app;

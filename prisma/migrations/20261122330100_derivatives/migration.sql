-- What is learnt or computed from patients and kept: checkpoints of runs, and embeddings of recordings. Lineage says of whom each is made.
CREATE TABLE checkpoint (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES baseline_run (id),
  fold smallint NOT NULL,
  epoch smallint NOT NULL,
  object_key text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  -- Kinds of data that it was learnt from: who asks for it needs them all.
  reads text[] NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (run_id, fold)
);

CREATE TABLE embedding (
  id uuid PRIMARY KEY,
  recording_id uuid NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  -- FACES or AUDIO pictures, as an artifact's kind; and the network that made numbers of them.
  source text NOT NULL,
  backbone text NOT NULL,
  object_key text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (recording_id, source, backbone)
);

REVOKE ALL ON checkpoint, embedding FROM iss_app;
GRANT SELECT, INSERT ON checkpoint TO iss_app;
GRANT SELECT, INSERT, DELETE ON embedding TO iss_app;
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Figures of groups of a release that need no LABELS: which groups may be told, and the quality of their recordings, as it was when it was published.
-- They are worked out once: after a withdrawal the same figures would tell in which groups that patient was.
CREATE TABLE group_figures (
  release_id uuid PRIMARY KEY REFERENCES release (id),
  -- By grouping, the groups that are told.
  told jsonb NOT NULL,
  quality jsonb NOT NULL,
  kept_at timestamptz NOT NULL
);

REVOKE ALL ON group_figures FROM iss_app;
GRANT SELECT, INSERT ON group_figures TO iss_app;
CREATE TRIGGER group_figures_append_only BEFORE UPDATE OR DELETE ON group_figures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER group_figures_no_truncate BEFORE TRUNCATE ON group_figures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

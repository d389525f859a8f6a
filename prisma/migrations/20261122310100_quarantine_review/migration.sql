-- Why whoever looked at a quarantine kept it; with the row an erasure takes it along.
ALTER TABLE quarantine ADD COLUMN review_reason text;
ALTER TABLE quarantine ADD CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL) AND (review_reason IS NULL OR reviewed_at IS NOT NULL));

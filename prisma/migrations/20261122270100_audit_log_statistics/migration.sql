-- Patterns over the text are answered by their indexes. Samples of the text would only be run through them again at each planning, which takes longer than
-- the page; the indexes have statistics of their own.
ALTER TABLE audit_entry ALTER COLUMN text SET STATISTICS 0;
ALTER TABLE audit_entry ALTER COLUMN hash SET STATISTICS 0;

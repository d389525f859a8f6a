-- Holders of copies that were taken file by file, without an export. The log says who took them: an entry when a ticket is first used.
ALTER TABLE destruction_duty ADD COLUMN downloads integer NOT NULL DEFAULT 0 CHECK (downloads >= 0);
ALTER TABLE destruction_duty DROP CONSTRAINT destruction_duty_exports_check;
ALTER TABLE destruction_duty ADD CHECK (cardinality(exports) > 0 OR downloads > 0);
CREATE INDEX audit_entry_download ON audit_entry ((substring(text from '"submission":"([0-9a-f-]{36})"'))) WHERE action = 'DOWNLOAD';

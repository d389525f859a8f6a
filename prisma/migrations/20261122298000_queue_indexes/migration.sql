-- Queues are read newest first by id, of some states or of whom they wait for. By time of the last change nobody reads them.
DROP INDEX access_request_queue;
CREATE INDEX access_request_state ON access_request (state, id);
CREATE INDEX access_request_waiting ON access_request (waits_for, id) WHERE waits_for IS NOT NULL;
-- What waits of one kind, oldest first, and how much of each kind.
CREATE INDEX certificate_queue_type ON certificate (type, uploaded_at, id) WHERE state = 'PENDING';

-- Messages that waited as jobs of the first landing go on as rows of the outbox; the server gives them jobs of the new form.
INSERT INTO outbox (once, account_id, template, data)
SELECT j.payload ->> 'messageId', a.id, 'request-' || lower(j.payload ->> 'news'), jsonb_build_object('title', r.title)
FROM job j
JOIN account a ON a.id::text = j.payload ->> 'accountId'
JOIN access_request r ON r.id::text = j.payload ->> 'requestId'
WHERE j.kind = 'send-mail' AND j.state IN ('QUEUED', 'RUNNING') AND j.payload ->> 'news' IN ('APPROVED', 'RETURNED', 'REJECTED')
ON CONFLICT (once) DO NOTHING;
UPDATE job SET state = 'CANCELLED', locked_by = NULL, finished_at = now()
WHERE kind = 'send-mail' AND state IN ('QUEUED', 'RUNNING') AND payload ? 'messageId';

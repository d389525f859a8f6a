-- What a run may see as it reads it (patients with kinds of data, submissions, what of them is hidden): the run ends when anything of it may be seen no more.
ALTER TABLE baseline_run ADD COLUMN contents jsonb;

-- Waiting work of people, which ends with their access as running work does.
CREATE INDEX job_waiting_of_people ON job (id) WHERE state = 'QUEUED' AND account_id IS NOT NULL;

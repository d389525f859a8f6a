-- Messages to people, written in the transaction of what they tell of; a job sends them. The row's id is the message's id.
CREATE TABLE outbox (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- What is told at most once, where that is more than one transaction's matter.
  once text UNIQUE,
  account_id uuid REFERENCES account (id),
  address text,
  template text NOT NULL,
  data jsonb NOT NULL,
  state text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'SENDING', 'SENT', 'IN_DOUBT', 'REFUSED', 'GIVEN_UP')),
  attempts integer NOT NULL DEFAULT 0,
  error text,
  queued_at timestamptz NOT NULL DEFAULT now(),
  tried_at timestamptz,
  sent_at timestamptz,
  CHECK (num_nonnulls(account_id, address) = 1)
);
CREATE INDEX outbox_unsent ON outbox (queued_at, id) WHERE state <> 'SENT';

-- What is to be told, and whom, never changes; how far it is does.
GRANT SELECT, INSERT ON outbox TO iss_app;
GRANT UPDATE (state, attempts, error, tried_at, sent_at) ON outbox TO iss_app;

-- When the bearer of a portal session gave their second factor: decisions ask for one that is recent.
ALTER TABLE portal_session ADD COLUMN second_factor_at timestamptz;

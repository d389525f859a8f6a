import { plain } from './expected-errors.ts';

export const GrantUnknown = plain('GrantUnknown', 'GRANT_UNKNOWN', 'There is no such grant of this person.');
export const GrantNotInForce = plain('GrantNotInForce', 'GRANT_NOT_IN_FORCE', 'The grant is not in force.');
export const ExpiryInvalid = plain('ExpiryInvalid', 'EXPIRY_INVALID', 'The expiry is past, or later than allowed.');
export const TooManyTokens = plain('TooManyTokens', 'TOO_MANY_TOKENS', 'The person has too many tokens already.');
export const TokenUnknown = plain('TokenUnknown', 'TOKEN_UNKNOWN', 'There is no such personal token.');
export const TargetUnknown = plain('TargetUnknown', 'TARGET_UNKNOWN', 'There is no such thing to be halted.');
export const HaltUnknown = plain('HaltUnknown', 'HALT_UNKNOWN', 'There is no such halt.');
export const IncidentUnknown = plain('IncidentUnknown', 'INCIDENT_UNKNOWN', 'There is no such incident.');
export const SummaryMissing = plain('SummaryMissing', 'SUMMARY_MISSING', 'It takes words that somebody can act on.');
export const MomentInvalid = plain('MomentInvalid', 'MOMENT_INVALID', 'The moment, or the span of time, does not fit.');
export const TooManyReports = plain('TooManyReports', 'TOO_MANY_REPORTS', 'The person has reported too often today.');
export const EvidenceTooLarge = plain('EvidenceTooLarge', 'EVIDENCE_TOO_LARGE', 'The span has too many entries.');
export const SubjectUnknown = plain('SubjectUnknown', 'SUBJECT_UNKNOWN', 'There is no such person or institution.');
export const SanctionUnknown = plain('SanctionUnknown', 'SANCTION_UNKNOWN', 'There is no such sanction.');
export const SuspensionEndInvalid = plain(
  'SuspensionEndInvalid',
  'UNTIL_INVALID',
  'The end does not fit the kind of sanction.',
);

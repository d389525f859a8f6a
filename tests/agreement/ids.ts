import { fixtureId } from '../support/study-fixture.ts';
import type { Version } from './world.ts';

/** Ids of what `database-facts.ts` arranges. */
export const ME = fixtureId('me', 'account');
export const grantId = (name: string): string => fixtureId(name, 'grant');
export const releaseId = (version: Version): string => fixtureId('demo', 'release', version);
export const patientId = (code: string): string => fixtureId('demo', 'patient', code);
export const submissionId = (code: string, at: number): string => fixtureId('demo', 'submission', code, at);
export const recordingId = (code: string, at: number): string => fixtureId('demo', 'recording', code, at);
export const artifactId = (code: string, at: number, kind: string): string =>
  fixtureId('demo', 'artifact', code, at, kind);

import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../governance/actor.ts';
import { accessChecklist, REQUIREMENTS } from '../../governance/checklist.ts';
import { isStaffOnly, REASON_CODES, REASONS, type ReasonCode } from '../../governance/reasons.ts';
import { certificate, facts, grant, NOW, release, researcher } from './a-world.ts';

describe('the checklist', () => {
  it('of somebody with everything says what is met and when it ends', () => {
    const checklist = accessChecklist(researcher, 'READ', 'LABELS', release, facts(), NOW);
    expect(checklist.allowed).toBe(true);
    expect(checklist.items.map(({ requirement, met, expiresAt }) => [requirement, met, expiresAt])).toEqual([
      ['SIGNED_IN', true, null],
      ['ROLE', true, null],
      ['INSTITUTION', true, null],
      ['TRAINING', true, Date.parse('2025-12-02T05:00:00Z')],
      ['TRAINING', true, Date.parse('2025-12-02T05:00:00Z')],
      ['TRAINING', true, Date.parse('2025-12-02T05:00:00Z')],
      ['GRANT', true, Date.parse('2026-01-01T05:00:00Z')],
      ['SCOPE', true, Date.parse('2026-01-01T05:00:00Z')],
      ['AGREEMENT', true, null],
      ['OPEN', true, null],
    ]);
  });

  it('of somebody with nothing says what to do and who acts next', () => {
    const none = facts({
      grants: [],
      certificates: [certificate({ type: 'HUMAN_SUBJECTS', state: 'PENDING', verifiedHow: null })],
    });
    const checklist = accessChecklist(researcher, 'READ', 'LABELS', release, none, NOW);
    expect(checklist.allowed).toBe(false);
    expect(
      checklist.items.map(({ requirement, subject, met, reason, next }) => [requirement, subject, met, reason, next]),
    ).toEqual([
      ['SIGNED_IN', null, true, null, null],
      ['ROLE', null, true, null, null],
      ['INSTITUTION', null, true, null, null],
      ['TRAINING', 'HUMAN_SUBJECTS', false, 'TRAINING_UNVERIFIED', 'STEWARD'],
      ['TRAINING', 'GLOBAL_PRIVACY', false, 'TRAINING_MISSING', 'YOU'],
      ['TRAINING', 'INFORMATION_SECURITY', false, 'TRAINING_MISSING', 'YOU'],
      ['GRANT', null, false, 'NO_GRANT', 'YOU'],
      ['SCOPE', null, false, null, null],
      ['AGREEMENT', null, false, 'AGREEMENT_UNSIGNED', 'YOU'],
      ['OPEN', null, true, null, null],
    ]);
    expect(checklist.items[3]?.title).toBe('Prove the training: Protection of human subjects');
    expect(checklist.items[3]?.toDo).toBe(REASONS.TRAINING_UNVERIFIED.sentence);
  });

  it('asks for six trainings where a person can be seen, and none of it is met for a stranger', () => {
    const checklist = accessChecklist(ANONYMOUS, 'EXPORT', 'FACES', release, facts(), NOW);
    expect(checklist.items.filter(({ requirement }) => requirement === 'TRAINING').length).toBe(6);
    expect(checklist.items.filter(({ met }) => met).map(({ requirement }) => requirement)).toEqual(['OPEN']);
  });

  it('says nothing of a draft that the person may not know of, and allows nothing', () => {
    const checklist = accessChecklist(researcher, 'READ', 'LABELS', { id: 'd', state: 'DRAFT' }, facts(), NOW);
    expect(checklist.allowed).toBe(false);
    expect(checklist.items.every(({ reason }) => reason === null)).toBe(true);
  });

  it('names the use that is not granted', () => {
    const running = facts({ grants: [grant({ access: { FACES: ['RUN'] } })] });
    const scope = accessChecklist(researcher, 'READ', 'FACES', release, running, NOW).items.find((item) => !item.met);
    expect(scope).toMatchObject({ requirement: 'SCOPE', reason: 'USE_NOT_GRANTED', next: 'APPLICANT' });
  });

  it('has a requirement for every reason that a person can be told about data', () => {
    const told = new Set<ReasonCode>(
      Object.values(REQUIREMENTS).flatMap(({ reasons }): readonly ReasonCode[] => reasons),
    );
    expect(REASON_CODES.filter((code) => !told.has(code) && !isStaffOnly(code))).toEqual([
      'STEP_UP_REQUIRED',
      'BROWSER_REQUIRED',
      'CONFLICT_OF_INTEREST',
      'SECOND_PERSON_NEEDED',
    ]);
  });
});

describe('reasons', () => {
  it('are the ones of the rules, four of them for staff only, each with a sentence and who acts next', () => {
    expect(REASON_CODES.filter(isStaffOnly)).toEqual([
      'RELEASE_UNPUBLISHED',
      'PATIENT_WITHDRAWN',
      'CONSENT_MISSING',
      'QUARANTINED',
    ]);
    expect(REASON_CODES.length).toBe(30);
    for (const { sentence, next } of Object.values(REASONS)) {
      expect(sentence).toMatch(/^[A-Z].+\.$/);
      expect(next).toMatch(/^[A-Z_]+$/);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { DUO_CODES, dataUseMatch, isDataUseCode } from '../../governance/data-use.ts';
import {
  type ConsentFacts,
  grantFilter,
  ROW_RULE,
  type RowFacts,
  rowReasons,
  rowVisible,
  type Span,
  staffFilter,
} from '../../governance/rows.ts';
import { NOW, row } from './a-world.ts';

const cancer = 'DS:MONDO:0004992';
const migraine = 'DS:MONDO:0005277';
const consent = row().consent!;
const filter = grantFilter(['HMB', 'NCU', 'IRB'], NOW);
const sees = (one: RowFacts, span: Span | null = null, by = filter): boolean =>
  rowVisible(one, by, { modality: 'LABELS', span });
const consenting = (changes: Partial<ConsentFacts>): RowFacts => row({ consent: { ...consent, ...changes } });

describe('the uses that a patient permits', () => {
  const fits = (uses: readonly string[], purpose: readonly string[]): boolean =>
    sees(consenting({ uses }), null, grantFilter(purpose, NOW));

  it.each([
    ['general research', ['GRU'], { GRU: true, HMB: true, [cancer]: true, POA: true, MDS: true }],
    ['no restriction', ['NRES'], { GRU: true, HMB: true, [cancer]: true, POA: true, MDS: true }],
    ['health research', ['HMB'], { GRU: false, HMB: true, [cancer]: true, POA: false, MDS: false }],
    ['one disease', [cancer], { GRU: false, HMB: false, [cancer]: true, [migraine]: false, POA: false, MDS: false }],
    ['ancestry', ['POA'], { GRU: false, HMB: false, [cancer]: false, POA: true, MDS: false }],
    ['two diseases', [cancer, migraine], { [cancer]: true, [migraine]: true, HMB: false }],
    ['nothing', [], { GRU: false, HMB: false, [cancer]: false, POA: false, MDS: false }],
    ['conditions alone', ['NCU'], { GRU: false, HMB: false }],
    ['something unknown', ['GRU', 'XYZ'], { GRU: false, HMB: false }],
    ['something unknown alone', ['XYZ'], { GRU: false, HMB: false }],
  ])('for %s', (_, uses, expected) => {
    expect(Object.fromEntries(Object.keys(expected).map((purpose) => [purpose, fits(uses, [purpose])]))).toEqual(
      expected,
    );
  });

  it.each([
    ['NCU', ['HMB', 'NCU']],
    ['NPU', ['HMB', 'NPU']],
    ['NPUNCU', ['HMB', 'NPUNCU']],
    ['NPUNCU', ['HMB', 'NPU', 'NCU']],
    ['NCU', ['HMB', 'NPUNCU']],
    ['IRB', ['HMB', 'IRB']],
    ['PUB', ['HMB', 'PUB']],
    ['COL', ['HMB', 'COL']],
    ['RTN', ['HMB', 'RTN']],
  ])('under the condition %s, which a purpose of %s meets and one without does not', (condition, purpose) => {
    expect(fits(['GRU', condition], purpose)).toBe(true);
    expect(fits(['GRU', condition], ['HMB'])).toBe(false);
  });

  it('development of methods is general research, unless it is forbidden', () => {
    expect([fits(['GRU'], ['MDS']), fits(['GRU', 'NMDS'], ['MDS']), fits(['GRU', 'NMDS'], ['HMB'])]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('every kind of research that a purpose names has to be permitted', () => {
    expect([fits(['HMB'], ['HMB', 'POA']), fits(['GRU'], ['HMB', 'POA']), fits([cancer], [cancer, migraine])]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('a purpose that names no research, or anything unknown, fits nobody', () => {
    expect([fits(['NRES'], []), fits(['NRES'], ['NCU']), fits(['NRES'], ['HMB', 'XYZ'])]).toEqual([
      false,
      false,
      false,
    ]);
    expect(dataUseMatch(['HMB', 'XYZ'])).toEqual({ permitting: [], tolerated: [] });
  });

  it('are codes of the ontology; a disease carries its Mondo identifier', () => {
    expect(['HMB', cancer, 'DS', 'DS:', 'DS:MONDO:12', 'toString', ''].map(isDataUseCode)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(Object.values(DUO_CODES).every(({ id }) => id === null || /^DUO:\d{7}$/.test(id))).toBe(true);
  });
});

describe('a patient who comes of age', () => {
  const birthday = new Date('2025-03-15T04:00:00Z');
  const before = new Date(birthday.getTime() - 1);
  const at = (now: Date, changes: Partial<ConsentFacts>): boolean =>
    sees(consenting({ adultFrom: birthday, ...changes }), null, grantFilter(['HMB', 'NCU', 'IRB'], now));

  it('is seen until then, and afterwards only with a consent given since', () => {
    expect(at(before, { reconsentedAt: null })).toBe(true);
    expect(at(birthday, { reconsentedAt: null })).toBe(false);
    expect(at(NOW, { reconsentedAt: birthday })).toBe(true);
    expect(at(NOW, { reconsentedAt: before })).toBe(false);
    expect(at(birthday, { reconsentedAt: NOW })).toBe(false);
    expect(at(birthday, { reconsentedAt: birthday })).toBe(true);
  });

  it('was of age already where nothing is said', () => {
    expect(sees(consenting({ adultFrom: null, reconsentedAt: null }))).toBe(true);
  });
});

describe('a withdrawal', () => {
  it('that stops sharing, or erases, hides the patient; one that stops collection does not', () => {
    const with_ = (kind: 'STOP_COLLECTION' | 'STOP_SHARING' | 'ERASE') => sees(row({ withdrawals: [{ kind }] }));
    expect([with_('STOP_COLLECTION'), with_('STOP_SHARING'), with_('ERASE')]).toEqual([true, false, false]);
  });
});

describe('a quarantine', () => {
  const part = { fromSeconds: 2, toSeconds: 3, liftedAt: null };
  const whole = { fromSeconds: null, toSeconds: null, liftedAt: null };
  const over = (quarantine: typeof part | typeof whole | object, span: Span | null) =>
    sees(row({ quarantines: [{ ...whole, ...quarantine }] }), span);

  it('of the whole hides everything of the submission', () => {
    expect([over(whole, null), over(whole, { fromSeconds: 0, toSeconds: 0.1 })]).toEqual([false, false]);
  });

  it('of a part hides what overlaps it: the frames within, the files of the whole, and not the labels', () => {
    const frame = (fromSeconds: number): Span => ({ fromSeconds, toSeconds: fromSeconds + 0.1 });
    expect([over(part, null), over(part, { fromSeconds: 0, toSeconds: 9 })]).toEqual([true, false]);
    expect([over(part, frame(1.9)), over(part, frame(2)), over(part, frame(2.95)), over(part, frame(3))]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('that was lifted hides nothing from then on', () => {
    expect(over({ ...whole, liftedAt: NOW }, null)).toBe(true);
    expect(over({ ...whole, liftedAt: new Date(NOW.getTime() + 1) }, null)).toBe(false);
  });
});

describe('the row rule', () => {
  const worst = row({
    inRelease: false,
    consent: null,
    withdrawals: [{ kind: 'ERASE' }],
    quarantines: [{ fromSeconds: null, toSeconds: null, liftedAt: null }],
  });

  it('tells the log every reason', () => {
    expect(rowReasons(worst, filter, { modality: 'LABELS', span: null }).map(({ code }) => code)).toEqual([
      'RELEASE_UNPUBLISHED',
      'PATIENT_WITHDRAWN',
      'CONSENT_MISSING',
      'QUARANTINED',
    ]);
  });

  it('does not ask staff who look at a draft for consent to share', () => {
    expect(rowReasons(worst, staffFilter(NOW), { modality: 'LABELS', span: null }).map(({ code }) => code)).toEqual([
      'RELEASE_UNPUBLISHED',
      'PATIENT_WITHDRAWN',
      'QUARANTINED',
    ]);
    expect(ROW_RULE.map(({ reason }) => reason)).toEqual([
      'RELEASE_UNPUBLISHED',
      'PATIENT_WITHDRAWN',
      'CONSENT_MISSING',
      'QUARANTINED',
    ]);
  });

  it('needs consent for the modality that is asked for', () => {
    const labelsOnly = consenting({ modalities: ['LABELS'] });
    expect(rowVisible(labelsOnly, filter, { modality: 'LABELS', span: null })).toBe(true);
    expect(rowVisible(labelsOnly, filter, { modality: 'VIDEO', span: null })).toBe(false);
  });
});

import { localDate } from '../../governance/calendar.ts';
import { sha256 } from '../../governance/canonical.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import { MODALITIES } from '../../governance/modality.ts';
import { STUDY_DESCRIPTION } from '../../pipeline/published/study-facts.ts';
import type { Foundation } from '../compose.ts';
import { AGREEMENT_TEXT, AGREEMENT_TITLE } from './agreement-text.ts';
import { ensureStudy } from './study.ts';

const TIME_ZONE = 'America/New_York';

/** What has to stand before anything can be decided: a policy, an agreement, the studies. Each is made once and then left alone. */
export async function prepareFirstStart(base: Foundation): Promise<void> {
  const { database, clock, ids, config } = base;
  const now = clock.now();
  await database.query(
    'INSERT INTO policy_version (number, policy, effective_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING',
    [JSON.stringify(DEFAULT_POLICY), now],
  );
  await database.query(
    `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at) VALUES (1, $1, $2, $3, $4, 30, false, $5) ON CONFLICT DO NOTHING`,
    [AGREEMENT_TITLE, AGREEMENT_TEXT, sha256(AGREEMENT_TEXT), localDate(now, DEFAULT_POLICY.timeZone), now],
  );
  // What the study's consent form allows: health research, every kind of data (paper, appendix A); a record of a patient's own replaces it.
  const consent = { version: 'enrolment', uses: ['HMB'], modalities: [...MODALITIES] };
  await ensureStudy(database, {
    id: ids.uuid(),
    key: 'iss',
    title: STUDY_DESCRIPTION.name,
    synthetic: false,
    timeZone: TIME_ZONE,
    description: { consent },
    createdAt: now,
  });
  if (config.ISS_DEMO)
    await ensureStudy(database, {
      id: ids.uuid(),
      key: 'demo',
      title: 'Synthetic demonstration study',
      synthetic: true,
      timeZone: TIME_ZONE,
      description: { consent },
      createdAt: now,
    });
}

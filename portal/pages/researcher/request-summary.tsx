import { DUO_CODES } from '../../../governance/data-use.ts';
import type { RequestPartsFragment } from '../../operations/researcher.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT, USE_TEXT } from '../../parts/modalities.ts';
import { FirstDay, LastDay } from '../../parts/when.tsx';

export const dataUseText = (code: string): string =>
  Object.hasOwn(DUO_CODES, code) ? DUO_CODES[code as keyof typeof DUO_CODES].title : code;

/** What a request says and what was granted of it. */
export function RequestSummary({
  request: { form, grant, institution, applicant, proposal },
}: {
  request: RequestPartsFragment;
}) {
  return (
    <>
      {grant && (
        <section>
          <h2>What is granted</h2>
          <p>
            From <FirstDay at={grant.startsAt} /> to the end of <LastDay at={grant.endsAt} />. {grant.conditions}
          </p>
          <DataTable
            caption="Kinds of data and uses that the grant covers"
            head={['Kind of data', 'Uses']}
            rows={grant.items.map(({ modality, uses }) => [
              MODALITY_TEXT[modality].name,
              uses.map((use) => USE_TEXT[use].name.toLowerCase()).join(', '),
            ])}
          />
        </section>
      )}
      {proposal && !grant && <p>A steward has proposed a grant; another has to second it.</p>}
      <section>
        <h2>What is asked for</h2>
        <dl className="portal-facts">
          <dt>Applicant</dt>
          <dd>
            {applicant.name}, {form.position}, {institution.name}
          </dd>
          <dt>In plain words</dt>
          <dd className="portal-text">{form.plainSummary}</dd>
          <dt>In detail</dt>
          <dd className="portal-text">{form.detail}</dd>
          <dt>Data security</dt>
          <dd className="portal-text">{form.securityPlan}</dd>
          <dt>Ethics approval</dt>
          <dd>{form.ethicsApproval?.reference ?? '—'}</dd>
          {form.coAuthors.length > 0 && (
            <>
              <dt>Have published with</dt>
              <dd>
                {form.coAuthors
                  .map(({ name, email, lastPublishedOn }) => `${name} (${email}), last ${lastPublishedOn}`)
                  .join('; ')}
              </dd>
            </>
          )}
          <dt>Kind of research</dt>
          <dd>{form.dataUse.map(dataUseText).join('; ')}</dd>
          <dt>For how long</dt>
          <dd>
            {form.durationMonths === null ? '—' : `${form.durationMonths} month${form.durationMonths === 1 ? '' : 's'}`}
          </dd>
        </dl>
        <DataTable
          caption="Kinds of data asked for, with the reason for each"
          head={['Kind of data', 'Uses', 'Why']}
          rows={form.items.map(({ modality, uses, why }) => [
            MODALITY_TEXT[modality].name,
            uses.map((use) => USE_TEXT[use].name.toLowerCase()).join(', '),
            why,
          ])}
        />
      </section>
    </>
  );
}

import { AttestDestruction, type ExportsPageQuery } from '../../operations/data.ts';
import { Act } from '../../parts/act.tsx';
import { asWords } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

type Duty = NonNullable<ExportsPageQuery['destructionDuties']>[number];

const what = ({ exports, singleFiles, downloads }: Duty): string =>
  [
    exports.length > 0 && `${exports.length} export${exports.length === 1 ? '' : 's'} (${exports.join(', ')})`,
    singleFiles && 'all single files that you saved',
    downloads !== null && downloads > 0 && `${downloads} download${downloads === 1 ? '' : 's'} are in the log`,
  ]
    .filter(Boolean)
    .join('; ');

/** What has to be destroyed because somebody whose data is in it has withdrawn; whose it is nobody is told. */
export function CopiesToDestroy({ duties, reload }: { duties: readonly Duty[]; reload: () => void }) {
  if (duties.length === 0) return null;
  return (
    <section>
      <h2>Copies to destroy</h2>
      <p>
        Somebody whose data is in these copies has withdrawn. Destroy them and everything made from them, then attest
        it. You may export anew: they are no longer in it.
      </p>
      <ul className="portal-cards">
        {duties.map((duty) => (
          <li key={duty.id} className="portal-card">
            <h3>
              {asWords(duty.study)}: {duty.state === 'ATTESTED' ? 'attested' : asWords(duty.state)}
            </h3>
            <p>{what(duty) || 'Everything that you took away.'}</p>
            <p className="portal-quiet">
              Told <When at={duty.toldAt} />, due <When at={duty.dueAt} />
              {duty.attestedAt && (
                <>
                  , attested <When at={duty.attestedAt} />
                </>
              )}
            </p>
            {duty.state !== 'ATTESTED' && (
              <Act
                label="Attest the destruction"
                about={`of ${what(duty)}`}
                title="Attest that these copies are destroyed"
                action="Attest"
                operation={AttestDestruction}
                fields={[
                  { name: 'copies', label: 'Every copy is destroyed, backups included.', kind: 'check' },
                  { name: 'made', label: 'Everything made from them is destroyed: models, features.', kind: 'check' },
                ]}
                input={({ copies, made }) => ({
                  id: duty.id,
                  copiesDestroyed: copies === 'yes',
                  derivativesDestroyed: made === 'yes',
                })}
                done={reload}
                look={reload}
              >
                <p>{what(duty)}. It is written to the log under your name and cannot be taken back.</p>
              </Act>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

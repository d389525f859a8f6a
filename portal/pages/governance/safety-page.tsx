import { useQuery } from '../../api/use-query.ts';
import { HaltChoices, StewardSafety } from '../../operations/governance.ts';
import { Page } from '../../parts/page.tsx';
import { Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { Halts } from './halts.tsx';
import { Incidents } from './incidents.tsx';
import { Quarantines } from './quarantines.tsx';
import { Sanctions } from './sanctions.tsx';
import { Steps } from './steps.tsx';

/** Halts, incidents, sanctions and quarantine: what stops access, and what was done about it. */
export const SafetyPage = () => (
  <SignedIn title="Halts, incidents, quarantine">
    <Safety />
  </SignedIn>
);

/** A part is there for whom the API gives its list. */
function Safety() {
  const query = useQuery(StewardSafety, {});
  const choices = useQuery(HaltChoices, {}).data;
  const { reload } = query;
  return (
    <Page
      title="Halts, incidents, quarantine"
      lead="Stopping takes one steward and works at once. Opening again takes two."
    >
      <Load query={query}>
        {({ activeHalts, incidents, quarantines, sanctions, pendingSteps }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {activeHalts && <Halts halts={activeHalts} choices={choices} reload={reload} />}
            {pendingSteps && (
              <section>
                <h2>Waiting for a second person</h2>
                <Steps steps={pendingSteps.filter(({ action }) => action !== 'CONFIRM_WITHDRAWAL')} reload={reload} />
              </section>
            )}
            {incidents && <Incidents incidents={incidents} choices={choices} reload={reload} />}
            {sanctions && <Sanctions sanctions={sanctions} choices={choices} reload={reload} />}
            {quarantines && <Quarantines quarantines={quarantines} reload={reload} />}
          </>
        )}
      </Load>
    </Page>
  );
}

import { useQuery } from '../../api/use-query.ts';
import { AdminSteps } from '../../operations/duties.ts';
import { Page } from '../../parts/page.tsx';
import { Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { Steps } from '../governance/steps.tsx';

/** What one person asked for and another has to confirm. */
export const StepsPage = () => (
  <SignedIn title="Waiting for a second person">
    <Pending />
  </SignedIn>
);

function Pending() {
  const query = useQuery(AdminSteps, {});
  return (
    <Page title="Waiting for a second person" lead="Who asked for a step cannot confirm it.">
      <Load query={query}>
        {({ pendingSteps }) => (
          <>
            <PartlyRefused problems={query.problems} />
            <Steps steps={pendingSteps} reload={query.reload} heading="h2" />
          </>
        )}
      </Load>
    </Page>
  );
}

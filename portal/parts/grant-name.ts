import { asWords } from './states.tsx';

/** A grant by the title of the request that it was given for. */
export function grantName(
  { requests }: { requests: readonly { title: string; grant: { id: string } | null }[] },
  grant: { id: string; state: string },
): string {
  const title = requests.find((request) => request.grant?.id === grant.id)?.title || 'A grant without a title';
  return grant.state === 'ACTIVE' ? title : `${title} (${asWords(grant.state)})`;
}

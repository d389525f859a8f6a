import { describe, expect, it } from 'vitest';
import { exceptionOpened } from '../../../api/services/mail/notices/accounts.ts';
import { collaboratorInvited } from '../../../api/services/mail/notices/collaborator-invited.ts';

const PORTAL = 'https://portal.example.org';

describe('what a notice says', () => {
  it('has the token of an invitation behind the #, which no browser sends to a server', () => {
    const { text } = collaboratorInvited.write(
      { title: 'Pain', applicant: 'Ada', requestId: 'r1', invitationId: 'i1', until: '1 May 2025' },
      PORTAL,
      (id) => `secret-of-${id}`,
    );
    const address = new URL(text.join(' ').match(/https:\S+/)?.[0] ?? '');
    expect([address.pathname, address.search, address.hash]).toEqual([
      '/requests/r1',
      '',
      '#invitation=i1&token=secret-of-i1',
    ]);
  });

  it('of an exception is not the reason, not even of a message that was queued with it', () => {
    const queued = { curator: 'Cy', release: '1.0.0', until: '2025-01-01T00:00:00Z', reason: 'the boy from Lund' };
    const { text } = exceptionOpened.write(exceptionOpened.data.parse(queued), PORTAL, () => '');
    expect(text.join(' ')).toContain('release 1.0.0');
    expect(text.join(' ')).not.toContain('Lund');
  });
});

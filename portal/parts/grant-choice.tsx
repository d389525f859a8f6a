import { useId } from 'react';
import { grantName } from './grant-name.ts';

interface Grant {
  readonly id: string;
  readonly state: string;
  readonly endsAt: string;
}

/** Under which of several grants something is done; nothing where there is no choice. */
export function GrantChoice({
  viewer,
  grants,
  value,
  onChange,
}: {
  viewer: Parameters<typeof grantName>[0];
  grants: readonly Grant[];
  value: string;
  onChange: (id: string) => void;
}) {
  const id = useId();
  if (grants.length < 2) return null;
  return (
    <div>
      <label className="usa-label" htmlFor={id}>
        Grant
      </label>
      <select id={id} className="usa-select" value={value} onChange={({ target }) => onChange(target.value)}>
        {grants.map((one) => (
          <option key={one.id} value={one.id}>
            {grantName(viewer, one)}, until {one.endsAt.slice(0, 10)}
          </option>
        ))}
      </select>
    </div>
  );
}

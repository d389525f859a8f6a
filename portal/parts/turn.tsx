/** Turns the pages of a list whose newest, or first, stand in front. */
export function Turn({
  trail,
  turn,
  info,
}: {
  trail: readonly string[];
  turn: (trail: readonly string[]) => void;
  info: { readonly hasNextPage: boolean; readonly endCursor: string | null } | null | undefined;
}) {
  if (trail.length === 0 && !info?.hasNextPage) return null;
  return (
    <p className="portal-buttons">
      {trail.length > 0 && (
        <button type="button" className="usa-button usa-button--outline" onClick={() => turn(trail.slice(0, -1))}>
          Back
        </button>
      )}
      {info?.hasNextPage && (
        <button
          type="button"
          className="usa-button usa-button--outline"
          onClick={() => turn([...trail, info.endCursor ?? ''])}
        >
          More
        </button>
      )}
    </p>
  );
}

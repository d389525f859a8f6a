import { useQuery } from '../../api/use-query.ts';
import { FoldNumbers } from '../../operations/data.ts';

/** Numbers of the folds to choose from; none while they are coming or where they are not open to somebody. */
export function useFolds(): readonly number[] {
  const { data } = useQuery(FoldNumbers, {});
  return (data?.release?.splits ?? []).flatMap(({ number }) => (number === null ? [] : [number]));
}

import { useId } from 'react';
import { asWords } from './states.tsx';

/** How far long work is. */
export function Progress({
  state,
  progress,
}: {
  state: string;
  progress: { stage: string; done: number; total: number; secondsLeft: number | null } | null;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>
        {asWords(state)}
        {progress && `: ${progress.stage}, ${progress.done} of ${progress.total}`}
        {progress?.secondsLeft != null && `, about ${Math.ceil(progress.secondsLeft)} s left`}
      </label>
      <br />
      <progress id={id} {...(progress && progress.total > 0 && { value: progress.done, max: progress.total })} />
    </div>
  );
}

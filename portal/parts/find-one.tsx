import { useEffect, useState } from 'react';

type Choice = readonly [value: string, text: string];

/** One of many that is found by a part of its name, and then chosen. */
export function FindOne({
  id,
  label,
  find,
  value,
  set,
}: {
  id: string;
  label: string;
  find: (text: string) => Promise<readonly Choice[]>;
  value: string;
  set: (value: string) => void;
}) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly Choice[] | 'failed' | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed asks, not who draws it
  useEffect(() => {
    let left = false;
    if (text.trim().length < 2) setFound(null);
    else
      find(text).then(
        (choices) => left || setFound(choices),
        () => left || setFound('failed'),
      );
    return () => {
      left = true;
    };
  }, [text]);
  return (
    <div className="usa-form-group">
      <label className="usa-label" htmlFor={`${id}-text`}>
        Part of the name
      </label>
      <input
        id={`${id}-text`}
        className="usa-input"
        type="search"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          set('');
        }}
      />
      <output>
        {found === 'failed' && 'They could not be asked for. Type on to try again.'}
        {found?.length === 0 && 'Nobody is called so.'}
      </output>
      <label className="usa-label" htmlFor={id}>
        {label}
      </label>
      <select id={id} required className="usa-select" value={value} onChange={({ target }) => set(target.value)}>
        <option value="">Choose</option>
        {typeof found === 'object' &&
          found?.map(([choice, words]) => (
            <option key={choice} value={choice}>
              {words}
            </option>
          ))}
      </select>
    </div>
  );
}

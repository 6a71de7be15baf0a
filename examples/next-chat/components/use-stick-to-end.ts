import { type RefObject, useEffect, useRef } from 'react';

/** Keeps the end of the page in sight while it grows, unless the reader has scrolled up. */
export function useStickToEnd(): RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const onScroll = () => {
      const { scrollHeight } = document.documentElement;
      isAtEnd.current = window.innerHeight + window.scrollY >= scrollHeight - 96;
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);
  // After every render: what it showed may have made the page longer.
  useEffect(() => {
    if (isAtEnd.current) end.current?.scrollIntoView({ block: 'end' });
  });
  return end;
}

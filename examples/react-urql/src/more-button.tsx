import { useEffect, useRef } from 'react';

interface MoreButtonProps {
  readonly isReading: boolean;
  /** Whether it is enough that the button comes into view. */
  readonly isAutomatic: boolean;
  readonly onRead: () => void;
}

/** Reads on as soon as it is in view, and again if it still is after that. */
export function MoreButton({ isReading, isAutomatic, onRead }: MoreButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isReading || !isAutomatic || button.current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onRead());
    observer.observe(button.current);
    return () => observer.disconnect();
  });
  return (
    <button type="button" className="more" ref={button} disabled={isReading} onClick={onRead}>
      {isReading ? 'Reading more …' : 'More'}
    </button>
  );
}

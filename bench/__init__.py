"""How fast Reynard is, and how we know: see docs/performance.md."""

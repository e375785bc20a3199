"""The lab's scenarios: what must happen at each step, and what happens when it is varied."""

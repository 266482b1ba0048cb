"""Every habit by name; importing the package fills the list."""

from . import files, places, prose, tables, ticks, values
from .registry import HABITS, Habit, habit

__all__ = ["HABITS", "Habit", "files", "habit", "places", "prose", "tables", "ticks", "values"]

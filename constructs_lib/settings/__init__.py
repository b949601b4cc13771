"""The settings file: its model and its reader.

It needs the packages of the extra ``settings``.
"""

from . import adoption
from .model import Registry, Settings
from .reader import SettingsError, SettingsFile, load

__all__ = ["Registry", "Settings", "SettingsError", "SettingsFile", "adoption", "load"]

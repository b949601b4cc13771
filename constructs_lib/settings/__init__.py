"""The settings file: what may be said in it, and how it is read.

It needs the packages of the extra ``settings``.
"""

from .model import Registry, Settings
from .reader import SettingsError, SettingsFile, load

__all__ = ["Registry", "Settings", "SettingsError", "SettingsFile", "load"]

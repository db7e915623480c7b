"""The composition root: settings, urls, navigation, the demo. Nothing below imports it."""

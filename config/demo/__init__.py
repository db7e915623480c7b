"""The demo: an invented committee with a plausible year, entered through the product's own imports and services.

``names`` invents people's names, ``people`` the sheets of organisations, members and posts, ``year`` what happened
since New Year, ``load`` puts it all in. The same day gives the same demo: all dice have a seed.
"""

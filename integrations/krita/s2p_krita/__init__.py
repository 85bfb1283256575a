"""A plug-in for Krita: line art into colour by a running s2p server.

`docker` is what is seen, `document` what is read and written; `dabs`, `layers`, `names` and `server` know no Krita.
Only what comes with Krita is used: Python from 3.8 on, its standard library, PyQt5.
"""

from importlib.util import find_spec

if find_spec("krita") is not None:  # else its parts are used by themselves
    from krita import DockWidgetFactory, DockWidgetFactoryBase, Krita

    from .docker import Docker

    Krita.instance().addDockWidgetFactory(DockWidgetFactory("s2p_krita", DockWidgetFactoryBase.DockRight, Docker))

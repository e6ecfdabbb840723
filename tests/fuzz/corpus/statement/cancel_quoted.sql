alter system cancel recover table 'my tenant'
